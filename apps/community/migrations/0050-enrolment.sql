-- What is kept of somebody beside name and home, and no more than this.

-- One contact, sealed under the server's storage key; goes when its owner no longer agrees to it.
create table person_contact (
  person_id uuid primary key references person on delete cascade,
  sealed bytea not null,
  set_at timestamptz(3) not null
);

-- That an identity was checked, by whom and when. INVARIANT: nothing that opens a door reads this.
create table person_identity_check (
  person_id uuid primary key references person on delete cascade,
  issuer text not null check (char_length(issuer) between 1 and 80),
  checked_at timestamptz(3) not null
);

-- A guardian signs until that day. Neither age nor birthday is kept; the row goes when the day has come.
create table person_guardian_need (
  person_id uuid primary key references person on delete cascade,
  until_on text not null check (until_on ~ '^\d{4}-\d{2}-\d{2}$')
);
