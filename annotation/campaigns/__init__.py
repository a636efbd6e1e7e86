"""Review campaigns played through: does reviewing pay, and in which order?"""
