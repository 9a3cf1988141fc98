//! What keeps a connection to one of several managers.
