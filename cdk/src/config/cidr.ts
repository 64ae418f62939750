/** Address ranges as EC2 writes them. */

import { isIPv4, isIPv6 } from 'node:net';

/** The range with the bits beyond the prefix cleared, or `undefined` where the text is none. */
export function canonicalIpv4Range(text: string): string | undefined {
  const range = split(text, isIPv4, 32);
  if (!range) return undefined;
  const address = groups(range.address.split('.').map(Number), 8, range.prefix).join('.');
  return `${address}/${range.prefix}`;
}

export function canonicalIpv6Range(text: string): string | undefined {
  const range = split(text, isIPv6, 128);
  // A scope is of one machine.
  if (!range || range.address.includes('%')) return undefined;
  const [head = '', tail] = shortest(range.address).split('::');
  const [before, after] = [head, tail ?? ''].map((half) => (half === '' ? [] : half.split(':')));
  const [first = [], last = []] = [before, after];
  const zeros = Array<string>(8 - first.length - last.length).fill('0');
  const all = [...first, ...zeros, ...last].map((group) => Number.parseInt(group, 16));
  const cleared = groups(all, 16, range.prefix).map((group) => group.toString(16));
  return `${shortest(cleared.join(':'))}/${range.prefix}`;
}

function split(text: string, isAddress: (text: string) => boolean, bits: number) {
  const [address = '', prefix = '', ...more] = text.split('/');
  const isPrefix = /^[0-9]{1,3}$/.test(prefix) && Number(prefix) <= bits;
  if (!isPrefix || more.length > 0 || !isAddress(address)) return undefined;
  return { address, prefix: Number(prefix) };
}

/** An IPv6 address as RFC 5952 has it, which is how URLs are written. */
function shortest(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}

/** The groups of an address with the bits beyond the prefix cleared. */
function groups(all: readonly number[], bits: number, prefix: number): number[] {
  return all.map((group, index) => {
    const kept = Math.min(Math.max(prefix - index * bits, 0), bits);
    return group - (group % 2 ** (bits - kept));
  });
}
