"""A mailbox that takes every mail, and people who answer it. It stands outside: it knows the product by SMTP and HTTP only."""
