"""What a document says, section by section, from the declaration to the certificate."""
