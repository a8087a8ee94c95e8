"""How two documents of a study compare: pure measures on plain frozen values, without Django."""
