"""What a page of the console costs, with few and with many people in the database."""
