"""What there is to say about a change to a model: judged by the policy, and in words."""
