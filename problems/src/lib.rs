//! Fathom: problem classes, their solutions and their independent checkers
