"""What a study folder says, as frozen values: read from files by ``importing``, from the database by
``stored``, written to files by ``exporting``."""
