"""What the learners reach, table by table: trials in processes of their own, kept on disk, summed up in small files."""
