"""What people do here, kept in ``records.sqlite`` in the home: accounts, what was asked, what was changed. One file a noun."""
