-- migrate:up

CREATE OR REPLACE FUNCTION json_merge(target jsonb, patch jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN target || patch;

CREATE TABLE authors (
    id         uuid             NOT NULL,
    name       text             NOT NULL COLLATE "C",
    nickname   text,
    email      text,
    country    text             NOT NULL,
    born_on    date,
    rating     double precision,
    is_active  boolean          NOT NULL DEFAULT TRUE,
    deleted_at timestamptz,
    created_at timestamptz      NOT NULL,
    CONSTRAINT authors_pkey PRIMARY KEY (id),
    CONSTRAINT authors_name_key UNIQUE (name)
);

CREATE UNIQUE INDEX authors_email_key ON authors (email) WHERE deleted_at IS NULL;
CREATE INDEX idx_authors_email_created_at ON authors (email, created_at);
CREATE INDEX idx_authors_created_at_id ON authors (created_at, id);
CREATE INDEX idx_authors_country_created_at_id ON authors (country, created_at, id);
CREATE INDEX idx_authors_lower_nickname ON authors (lower(nickname));

CREATE TABLE books (
    id           uuid             NOT NULL,
    author_id    uuid             NOT NULL,
    editor_id    uuid,
    title        text             NOT NULL,
    subtitle     text,
    status       text             NOT NULL DEFAULT 'draft',
    price        numeric(14, 6)   NOT NULL DEFAULT 0,
    discount     numeric(5, 2),
    pages        integer          NOT NULL DEFAULT 0,
    words        bigint,
    weight       double precision NOT NULL DEFAULT 0,
    in_print     boolean          NOT NULL DEFAULT TRUE,
    is_signed    boolean,
    cover        bytea,
    tags         text[]           NOT NULL DEFAULT '{}',
    awards       text[],
    details      jsonb            NOT NULL DEFAULT '{}',
    notes        jsonb,
    published_on date,
    released_at  timestamptz,
    created_at   timestamptz      NOT NULL,
    updated_at   timestamptz      NOT NULL,
    CONSTRAINT books_pkey PRIMARY KEY (id),
    CONSTRAINT books_author_id_title_key UNIQUE (author_id, title),
    CONSTRAINT books_author_id_fkey FOREIGN KEY (author_id) REFERENCES authors (id),
    CONSTRAINT books_editor_id_fkey FOREIGN KEY (editor_id) REFERENCES authors (id),
    CONSTRAINT books_status_check CHECK (status IN ('draft', 'published', 'withdrawn'))
);

CREATE UNIQUE INDEX books_author_id_draft_key ON books (author_id) WHERE status = 'draft';
CREATE INDEX idx_books_created_at_id ON books (created_at, id);
CREATE INDEX idx_books_author_id_created_at_id ON books (author_id, created_at, id);
CREATE INDEX idx_books_editor_id_created_at_id ON books (editor_id, created_at, id);
CREATE INDEX idx_books_status_created_at_id ON books (status, created_at, id);
CREATE INDEX idx_books_published_on_in_print ON books (published_on) WHERE in_print;

CREATE TABLE reviews (
    id         uuid        NOT NULL,
    book_id    uuid        NOT NULL,
    author_id  uuid,
    score      integer     NOT NULL,
    body       text,
    created_at timestamptz NOT NULL,
    CONSTRAINT reviews_pkey PRIMARY KEY (id),
    CONSTRAINT reviews_book_id_fkey FOREIGN KEY (book_id) REFERENCES books (id),
    CONSTRAINT reviews_author_id_fkey FOREIGN KEY (author_id) REFERENCES authors (id)
);

CREATE INDEX idx_reviews_book_id_created_at_id ON reviews (book_id, created_at, id);
CREATE INDEX idx_reviews_author_id ON reviews (author_id);

CREATE TABLE shops (
    id        uuid NOT NULL,
    name      text NOT NULL COLLATE "C",
    parent_id uuid,
    motto     text,
    CONSTRAINT shops_pkey PRIMARY KEY (id),
    CONSTRAINT shops_name_key UNIQUE (name),
    CONSTRAINT shops_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES shops (id)
);

CREATE INDEX idx_shops_parent_id ON shops (parent_id);

CREATE TABLE stock (
    shop_id    uuid    NOT NULL,
    book_id    uuid    NOT NULL,
    quantity   integer NOT NULL,
    price      numeric(14, 6),
    counted_at timestamptz,
    CONSTRAINT stock_pkey PRIMARY KEY (shop_id, book_id),
    CONSTRAINT stock_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES shops (id),
    CONSTRAINT stock_book_id_fkey FOREIGN KEY (book_id) REFERENCES books (id)
);

CREATE INDEX idx_stock_book_id ON stock (book_id);

CREATE TABLE settings (
    key   text  NOT NULL COLLATE "C",
    value jsonb NOT NULL,
    note  text,
    CONSTRAINT settings_pkey PRIMARY KEY (key)
);

CREATE TYPE mood AS ENUM ('calm', 'cross');

CREATE TABLE samples (
    id       bigint      GENERATED ALWAYS AS IDENTITY,
    label    text,
    small    smallint    NOT NULL,
    code     varchar(10) NOT NULL,
    ratio    real        NOT NULL,
    mood     mood        NOT NULL,
    raw      json        NOT NULL,
    numbers  integer[]   NOT NULL,
    taken_at timestamp   NOT NULL,
    doubled  integer GENERATED ALWAYS AS (small * 2) STORED,
    CONSTRAINT samples_pkey PRIMARY KEY (id)
);

CREATE TABLE heirlooms (
    code  text,
    value text,
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
DROP TYPE mood;
DROP TABLE settings;
DROP TABLE stock;
DROP TABLE shops;
DROP TABLE reviews;
DROP TABLE books;
DROP TABLE authors;
DROP FUNCTION json_merge(jsonb, jsonb);
