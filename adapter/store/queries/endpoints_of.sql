SELECT c.endpoints FROM client c WHERE c.id = ?
