"""What people say of predictions, and which predictions they should see. Pure."""
