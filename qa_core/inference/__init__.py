"""From a question and a text to an answer: windows, logits, spans, confidence."""
