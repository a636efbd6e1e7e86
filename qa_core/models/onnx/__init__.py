"""Models as ONNX graphs, in 32 and 8 bits."""
