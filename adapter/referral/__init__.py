"""The journey of referrals: step-down in, aftercare out."""
