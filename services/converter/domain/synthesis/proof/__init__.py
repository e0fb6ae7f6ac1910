"""What a program rests on: guards, rivals, other readings, confidence."""
