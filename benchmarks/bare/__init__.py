"""A bare Django save, to measure Summit's against: a session, a login, CSRF, and one INSERT."""
