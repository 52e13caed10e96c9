-- migrate:up

CREATE TABLE authors (
    id         TEXT NOT NULL,
    name       TEXT NOT NULL,
    created_at TEXT NOT NULL,
    CONSTRAINT authors_pkey PRIMARY KEY (id),
    CONSTRAINT authors_name_key UNIQUE (name)
) STRICT;

CREATE TABLE books (
    id           TEXT    NOT NULL,
    author_id    TEXT,
    title        TEXT    NOT NULL,
    status       TEXT    NOT NULL DEFAULT 'draft',
    price        INTEGER NOT NULL DEFAULT 0,
    score        INTEGER,
    pages        INTEGER NOT NULL DEFAULT 0,
    words        INTEGER NOT NULL DEFAULT 0,
    weight       REAL,
    in_print     INTEGER NOT NULL DEFAULT FALSE,
    details      TEXT    NOT NULL DEFAULT '{}',
    notes        TEXT,
    tags         TEXT    NOT NULL DEFAULT '[]',
    published_at TEXT,
    created_at   TEXT    NOT NULL,
    updated_at   TEXT    NOT NULL,
    CONSTRAINT books_pkey PRIMARY KEY (id),
    CONSTRAINT books_title_key UNIQUE (title),
    CONSTRAINT books_author_id_fkey FOREIGN KEY (author_id) REFERENCES authors (id) ON DELETE CASCADE,
    CONSTRAINT books_status_check CHECK (status IN ('draft', 'published', 'withdrawn')),
    CONSTRAINT books_words_check CHECK (words >= 0)
) STRICT;

CREATE INDEX idx_books_created_at_id ON books (created_at, id);
CREATE INDEX idx_books_author_id ON books (author_id);

-- migrate:down

DROP TABLE books;
DROP TABLE authors;
