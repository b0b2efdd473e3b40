"""Workbooks of any make: looked over, then read, in a process of their own."""
