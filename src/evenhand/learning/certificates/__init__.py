"""Certificates of trained teams: who would gain by deviating, from a trained policy read in every state it reaches."""
