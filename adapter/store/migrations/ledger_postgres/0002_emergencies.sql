-- Accesses in a medical emergency, opened or only tried: few among many.
CREATE INDEX disclosure_emergency ON disclosure (n) WHERE interaction = '$emergency-access';
