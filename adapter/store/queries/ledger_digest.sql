-- What a batch says of itself.
SELECT digest FROM batch WHERE number = ?
