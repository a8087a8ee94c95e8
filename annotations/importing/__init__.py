"""Files into the database: parse into typed rows and row errors, then write all or nothing."""
