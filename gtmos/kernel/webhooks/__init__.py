"""Facts for other systems: posted as Standard Webhooks, kept as rows until they were taken."""
