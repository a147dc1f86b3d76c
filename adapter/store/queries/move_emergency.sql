UPDATE emergency SET patient = :into WHERE patient = :patient AND closed_ms > :now
