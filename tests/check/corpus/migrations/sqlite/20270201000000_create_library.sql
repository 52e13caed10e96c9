-- migrate:up

CREATE TABLE authors (
    id         TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    nickname   TEXT,
    email      TEXT,
    country    TEXT    NOT NULL,
    born_on    TEXT,
    rating     REAL,
    is_active  INTEGER NOT NULL DEFAULT TRUE,
    deleted_at TEXT,
    created_at TEXT    NOT NULL,
    CONSTRAINT authors_pkey PRIMARY KEY (id),
    CONSTRAINT authors_name_key UNIQUE (name)
) STRICT;

CREATE UNIQUE INDEX authors_email_key ON authors (email) WHERE deleted_at IS NULL;
CREATE INDEX idx_authors_email_created_at ON authors (email, created_at);
CREATE INDEX idx_authors_created_at_id ON authors (created_at, id);
CREATE INDEX idx_authors_country_created_at_id ON authors (country, created_at, id);
CREATE INDEX idx_authors_lower_nickname ON authors (lower(nickname));

CREATE TABLE books (
    id           TEXT    NOT NULL,
    author_id    TEXT    NOT NULL,
    editor_id    TEXT,
    title        TEXT    NOT NULL,
    subtitle     TEXT,
    status       TEXT    NOT NULL DEFAULT 'draft',
    price        INTEGER NOT NULL DEFAULT 0,
    discount     INTEGER,
    pages        INTEGER NOT NULL DEFAULT 0,
    words        INTEGER,
    weight       REAL    NOT NULL DEFAULT 0,
    in_print     INTEGER NOT NULL DEFAULT TRUE,
    is_signed    INTEGER,
    cover        BLOB,
    tags         TEXT    NOT NULL DEFAULT '[]',
    awards       TEXT,
    details      TEXT    NOT NULL DEFAULT '{}',
    notes        TEXT,
    published_on TEXT,
    released_at  TEXT,
    created_at   TEXT    NOT NULL,
    updated_at   TEXT    NOT NULL,
    CONSTRAINT books_pkey PRIMARY KEY (id),
    CONSTRAINT books_author_id_title_key UNIQUE (author_id, title),
    CONSTRAINT books_author_id_fkey FOREIGN KEY (author_id) REFERENCES authors (id),
    CONSTRAINT books_editor_id_fkey FOREIGN KEY (editor_id) REFERENCES authors (id),
    CONSTRAINT books_status_check CHECK (status IN ('draft', 'published', 'withdrawn'))
) STRICT;

CREATE UNIQUE INDEX books_author_id_draft_key ON books (author_id) WHERE status = 'draft';
CREATE INDEX idx_books_created_at_id ON books (created_at, id);
CREATE INDEX idx_books_author_id_created_at_id ON books (author_id, created_at, id);
CREATE INDEX idx_books_editor_id_created_at_id ON books (editor_id, created_at, id);
CREATE INDEX idx_books_status_created_at_id ON books (status, created_at, id);
CREATE INDEX idx_books_published_on_in_print ON books (published_on) WHERE in_print;

CREATE TABLE reviews (
    id         TEXT    NOT NULL,
    book_id    TEXT    NOT NULL,
    author_id  TEXT,
    score      INTEGER NOT NULL,
    body       TEXT,
    created_at TEXT    NOT NULL,
    CONSTRAINT reviews_pkey PRIMARY KEY (id),
    CONSTRAINT reviews_book_id_fkey FOREIGN KEY (book_id) REFERENCES books (id),
    CONSTRAINT reviews_author_id_fkey FOREIGN KEY (author_id) REFERENCES authors (id)
) STRICT;

CREATE INDEX idx_reviews_book_id_created_at_id ON reviews (book_id, created_at, id);
CREATE INDEX idx_reviews_author_id ON reviews (author_id);

CREATE TABLE shops (
    id        TEXT NOT NULL,
    name      TEXT NOT NULL,
    parent_id TEXT,
    motto     TEXT,
    CONSTRAINT shops_pkey PRIMARY KEY (id),
    CONSTRAINT shops_name_key UNIQUE (name),
    CONSTRAINT shops_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES shops (id)
) STRICT;

CREATE INDEX idx_shops_parent_id ON shops (parent_id);

CREATE TABLE stock (
    shop_id    TEXT    NOT NULL,
    book_id    TEXT    NOT NULL,
    quantity   INTEGER NOT NULL,
    price      INTEGER,
    counted_at TEXT,
    CONSTRAINT stock_pkey PRIMARY KEY (shop_id, book_id),
    CONSTRAINT stock_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES shops (id),
    CONSTRAINT stock_book_id_fkey FOREIGN KEY (book_id) REFERENCES books (id)
) STRICT;

CREATE INDEX idx_stock_book_id ON stock (book_id);

CREATE TABLE settings (
    key   TEXT NOT NULL,
    value TEXT NOT NULL,
    note  TEXT,
    CONSTRAINT settings_pkey PRIMARY KEY (key)
) STRICT;

CREATE TABLE samples (
    id       INTEGER,
    label    TEXT,
    small    INTEGER NOT NULL,
    code     TEXT    NOT NULL,
    ratio    REAL    NOT NULL,
    mood     TEXT    NOT NULL,
    raw      TEXT    NOT NULL,
    numbers  TEXT    NOT NULL,
    taken_at TEXT    NOT NULL,
    doubled  INTEGER GENERATED ALWAYS AS (small * 2) STORED,
    CONSTRAINT samples_pkey PRIMARY KEY (id)
) STRICT;

-- Not STRICT: its primary key takes NULL.
CREATE TABLE heirlooms (
    code  TEXT,
    value TEXT,
    CONSTRAINT heirlooms_pkey PRIMARY KEY (code)
);

CREATE VIEW available_books AS
SELECT id, author_id, title, subtitle, price FROM books
WHERE in_print;

CREATE VIEW author_totals AS
SELECT author_id, count(*) AS book_count, max(pages) AS longest FROM books
GROUP BY author_id;

-- migrate:down

DROP VIEW author_totals;
DROP VIEW available_books;
DROP TABLE heirlooms;
DROP TABLE samples;
DROP TABLE settings;
DROP TABLE stock;
DROP TABLE shops;
DROP TABLE reviews;
DROP TABLE books;
DROP TABLE authors;
