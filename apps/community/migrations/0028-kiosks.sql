-- A screen with a camera beside a door reads codes: a reader with a place, as those for cards are.
alter table reader
  drop constraint reader_kind_check,
  drop constraint reader_check,
  add constraint reader_kind_check check (kind in ('osdp', 'pcsc', 'kiosk', 'io', 'desk')),
  add constraint reader_place_check check ((kind in ('osdp', 'pcsc', 'kiosk')) = (access_point_id is not null));
