-- Who sent labels again that were taken back, without saying them anew.
SELECT k.vid, k.system, k.code, k.client, k.at_ms FROM repeated_label k WHERE k.type = ? AND k.id = ?
ORDER BY k.at_ms, k.vid, k.system, k.code, k.client
