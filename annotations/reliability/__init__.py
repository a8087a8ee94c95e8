"""How far the coders of a study agree: pure measures on plain frozen values, without Django."""
