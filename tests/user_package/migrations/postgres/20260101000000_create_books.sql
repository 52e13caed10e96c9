-- migrate:up

CREATE TABLE authors (
    id         uuid        NOT NULL,
    name       text        NOT NULL COLLATE "C",
    created_at timestamptz NOT NULL,
    CONSTRAINT authors_pkey PRIMARY KEY (id),
    CONSTRAINT authors_name_key UNIQUE (name)
);

CREATE TABLE books (
    id           uuid             NOT NULL,
    author_id    uuid,
    title        text             NOT NULL COLLATE "C",
    status       text             NOT NULL DEFAULT 'draft',
    price        numeric(14,6)    NOT NULL DEFAULT 0,
    score        numeric(5,2),
    pages        integer          NOT NULL DEFAULT 0,
    words        bigint           NOT NULL DEFAULT 0,
    weight       double precision,
    in_print     boolean          NOT NULL DEFAULT FALSE,
    details      jsonb            NOT NULL DEFAULT '{}',
    notes        jsonb,
    tags         text[]           NOT NULL DEFAULT '{}',
    published_at timestamptz,
    created_at   timestamptz      NOT NULL,
    updated_at   timestamptz      NOT NULL,
    CONSTRAINT books_pkey PRIMARY KEY (id),
    CONSTRAINT books_title_key UNIQUE (title),
    CONSTRAINT books_author_id_fkey FOREIGN KEY (author_id) REFERENCES authors (id) ON DELETE CASCADE,
    CONSTRAINT books_status_check CHECK (status IN ('draft', 'published', 'withdrawn')),
    CONSTRAINT books_words_check CHECK (words >= 0)
);

CREATE INDEX idx_books_created_at_id ON books (created_at, id);
CREATE INDEX idx_books_author_id ON books (author_id);

-- migrate:down

DROP TABLE books;
DROP TABLE authors;
