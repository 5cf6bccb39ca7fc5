//! Fathom: how problems come in (documents, foreign formats, generators, suites)
