import au.csiro.fhir.auth.AuthConfig;
import au.csiro.fhir.export.BulkExportClient;
import au.csiro.fhir.export.BulkExportResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/**
 * Pulls a Group into a folder, as a backend service with a key of its own: the base of the server, the Group, the id of
 * the client, the file of its key, the folder, and since when, if at all. Prints the time up to which it is.
 */
public final class BulkExport {
  private BulkExport() {}

  /** Pulls once. */
  public static void main(String[] said) throws Exception {
    AuthConfig proof =
        AuthConfig.builder()
            .enabled(true)
            .useSMART(true)
            .clientId(said[2])
            .privateKeyJWK(Files.readString(Path.of(said[3])))
            .scope("system/*.rs")
            .build();
    BulkExportClient.BulkExportClientBuilder wanted =
        BulkExportClient.groupBuilder(said[1])
            .withFhirEndpointUrl(said[0])
            .withOutputDir(said[4])
            .withAuthConfig(proof);
    if (said.length > 5) {
      wanted = wanted.withSince(Instant.parse(said[5]));
    }
    BulkExportResult result = wanted.build().export();
    System.out.println(result.getTransactionTime());
  }
}
