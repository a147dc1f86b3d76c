SELECT organization, called, digest, referral, task, records FROM submission WHERE organization = ? AND called = ?
