import { scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(scrypt);
const COST = { N: 1024 };
const SALT = 'shop-example';

/** The shop's customers. An example keeps them in the program; a shop would not. */
const CUSTOMERS = ['ada', 'grace', 'barbara', 'donald', 'edsger', 'frances', 'john', 'kathleen', 'niklaus', 'tony'];

/** @returns {Promise<Map<string, { id: string, email: string, hash: Buffer }>>} by e-mail address */
export async function loadUsers() {
  const users = await Promise.all(
    CUSTOMERS.map(async (name, index) => {
      const hash = await derive(`${name}-secret`, SALT, 32, COST);
      return { id: `customer-${index + 1}`, email: `${name}@example.com`, hash };
    }),
  );
  return new Map(users.map((user) => [user.email, user]));
}

export async function passwordMatches(user, password) {
  return timingSafeEqual(await derive(password, SALT, 32, COST), user.hash);
}
