"""The Hugging Face Hub: who speaks to it, and a model folder published there with its card."""
