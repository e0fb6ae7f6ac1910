"""What users say in words, before it is tied to a file: languages, sentences, what they ask of rows."""
