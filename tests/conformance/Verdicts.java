import static org.hl7.fhir.r5.utils.validation.constants.ReferenceValidationPolicy.CHECK_TYPE_IF_EXISTS;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.hl7.fhir.r5.elementmodel.Element;
import org.hl7.fhir.r5.elementmodel.Manager;
import org.hl7.fhir.r5.elementmodel.Manager.FhirFormat;
import org.hl7.fhir.r5.model.CanonicalResource;
import org.hl7.fhir.r5.model.CanonicalType;
import org.hl7.fhir.r5.utils.validation.IResourceValidator;
import org.hl7.fhir.r5.utils.validation.IValidatorResourceFetcher;
import org.hl7.fhir.utilities.TimeTracker;
import org.hl7.fhir.utilities.validation.ValidationMessage;
import org.hl7.fhir.validation.ValidationEngine;
import org.hl7.fhir.validation.cli.model.CliContext;
import org.hl7.fhir.validation.cli.services.ValidationService;
import org.hl7.fhir.validation.instance.advisor.BasePolicyAdvisorForFullValidation;

/**
 * HL7's validator as a filter: a line "name TAB resource" in, a line {"name", "issues"} out, in order.
 *
 * <p>It is set as its command line is with "-version 4.0.1 -tx n/a -ig ..." (the arguments are the guides), and loads
 * once: that takes longer than a thousand verdicts. The text of a resource reaches it as it stands.
 */
public final class Verdicts {
  private Verdicts() {}

  /** Serves until its input ends; what the validator itself prints goes to the standard error. */
  public static void main(String[] guides) throws Exception {
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    System.setOut(System.err);
    ValidationEngine engine = engine(Arrays.asList(guides));
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      int tab = line.indexOf('\t');
      JsonObject verdict = new JsonObject();
      verdict.addProperty("name", line.substring(0, tab));
      verdict.add("issues", issues(engine, line.substring(tab + 1)));
      out.println(verdict);
      out.flush();
    }
  }

  private static ValidationEngine engine(List<String> guides) throws Exception {
    CliContext context = new CliContext();
    context.setSv("4.0.1");
    context.setTxServer(null);
    context.setIgs(new ArrayList<>(guides));
    context.setLocale("en");
    context.setDisableDefaultResourceFetcher(true); // it would ask the network for what it does not hold
    ValidationEngine engine =
        new ValidationService().initializeValidator(context, "hl7.fhir.r4.core#4.0.1", new TimeTracker());
    engine.setFetcher(new Named(engine));
    engine.setPolicyAdvisor(new BasePolicyAdvisorForFullValidation(CHECK_TYPE_IF_EXISTS));
    return engine;
  }

  private static JsonArray issues(ValidationEngine engine, String text) {
    JsonArray issues = new JsonArray();
    List<ValidationMessage> messages = new ArrayList<>();
    try {
      engine.validate(text.getBytes(StandardCharsets.UTF_8), FhirFormat.JSON, new ArrayList<>(), messages);
    } catch (Exception | StackOverflowError failure) {
      issues.add(issue("fatal", "exception", "", String.valueOf(failure.getMessage())));
    }
    for (ValidationMessage message : messages) {
      String level = message.getLevel().toCode();
      issues.add(issue(level, message.getMessageId(), message.getLocation(), message.getMessage()));
    }
    return issues;
  }

  private static JsonObject issue(String severity, String id, String place, String message) {
    JsonObject issue = new JsonObject();
    issue.addProperty("severity", severity);
    issue.addProperty("id", id);
    issue.addProperty("place", place);
    issue.addProperty("message", message);
    return issue;
  }

  /**
   * What a reference points to: a bare resource of the type that it names.
   *
   * <p>Slices told apart by the type of what is referred to need something there; of its content nothing is asked. No
   * URL is fetched, so none is said not to resolve.
   */
  private static final class Named implements IValidatorResourceFetcher {
    private static final Pattern LITERAL =
        Pattern.compile("(?:https?://.*/)?([A-Z][A-Za-z]+)/[A-Za-z0-9.-]{1,64}(?:/_history/.*)?");
    private final ValidationEngine engine;

    Named(ValidationEngine engine) {
      this.engine = engine;
    }

    @Override
    public Element fetch(IResourceValidator validator, Object context, String url) throws IOException {
      Matcher literal = LITERAL.matcher(url);
      if (!literal.matches() || !engine.getContext().getResourceNames().contains(literal.group(1))) {
        return null;
      }
      String bare = "{\"resourceType\":\"" + literal.group(1) + "\",\"id\":\"named\"}";
      InputStream text = new ByteArrayInputStream(bare.getBytes(StandardCharsets.UTF_8));
      return Manager.parseSingle(engine.getContext(), text, FhirFormat.JSON);
    }

    @Override
    public boolean resolveURL(
        IResourceValidator validator, Object context, String path, String url, String type, boolean canonical,
        List<CanonicalType> targets) {
      return true;
    }

    @Override
    public byte[] fetchRaw(IResourceValidator validator, String url) {
      return null;
    }

    @Override
    public IValidatorResourceFetcher setLocale(Locale locale) {
      return this;
    }

    @Override
    public CanonicalResource fetchCanonicalResource(IResourceValidator validator, Object context, String url) {
      return null;
    }

    @Override
    public boolean fetchesCanonicalResource(IResourceValidator validator, String url) {
      return false;
    }

    @Override
    public Set<String> fetchCanonicalResourceVersions(IResourceValidator validator, Object context, String url) {
      return Set.of();
    }
  }
}
