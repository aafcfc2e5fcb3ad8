"""Tables of what the learners reach; trials run in separate processes and are kept on disk."""
