"""Networks of sources, documents and topics, as the field draws them: pure, without Django."""
