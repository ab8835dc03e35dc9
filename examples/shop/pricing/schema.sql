CREATE TABLE products (
  sku text PRIMARY KEY,
  name text NOT NULL,
  price_cents integer NOT NULL CHECK (price_cents >= 0),
  stock integer NOT NULL
);
CREATE TABLE carts (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  customer text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE cart_lines (
  cart_id integer NOT NULL REFERENCES carts,
  position integer NOT NULL,
  sku text NOT NULL REFERENCES products,
  quantity integer NOT NULL CHECK (quantity > 0),
  PRIMARY KEY (cart_id, position)
);
CREATE TABLE quotes (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  cart_id integer NOT NULL REFERENCES carts,
  customer text NOT NULL,
  coupon text,
  subtotal_cents integer NOT NULL,
  discount_cents integer NOT NULL,
  total_cents integer NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE quote_lines (
  quote_id integer NOT NULL REFERENCES quotes,
  sku text NOT NULL REFERENCES products,
  quantity integer NOT NULL,
  line_cents integer NOT NULL,
  discount_cents integer NOT NULL
);
CREATE TABLE campaigns (
  code text PRIMARY KEY,
  minimum_cents integer NOT NULL CHECK (minimum_cents > 0),
  most_cents integer NOT NULL
);
INSERT INTO campaigns (code, minimum_cents, most_cents) VALUES
  ('SPRING10', 500, 4000),
  ('TEATIME25', 1000, 5000),
  ('WELCOME5', 1500, 500);
INSERT INTO products (sku, name, price_cents, stock) VALUES
  ('TEA-ASSAM', 'Assam, 250 g', 890, 500),
  ('TEA-DARJ', 'Darjeeling first flush, 100 g', 1490, 300),
  ('TEA-SENCHA', 'Sencha, 100 g', 1190, 400),
  ('TEA-MINT', 'Peppermint, 80 g', 490, 800),
  ('POT-IRON', 'Cast-iron pot, 0.8 l', 6900, 40),
  ('POT-GLASS', 'Glass pot with sieve, 1.2 l', 3450, 120),
  ('MUG-BLUE', 'Mug, blue glaze', 1250, 200),
  ('MUG-TRAVEL', 'Travel mug, 0.35 l', 2290, 150),
  ('KETTLE-01', 'Gooseneck kettle', 7990, 2),
  ('SIEVE-01', 'Long-handled sieve', 690, 0),
  ('GIFT-SAMPLE', 'Free gift: three tea samples', 0, 100000),
  ('GIFT-CARD', 'Free gift: greeting card', 0, 100000),
  ('GIFT-SPOON', 'Free gift: measuring spoon', 0, 100000);
