"""The long loops: one a file. Each does one thing over and over until it is told to stop."""
