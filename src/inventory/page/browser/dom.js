import { visible } from './text.js';

/** @import { Child, Children, Props } from './types.ts' */

/** Drawing. Everything that is shown goes through here as text, never as markup, with nothing invisible in it. */

const SVG = 'http://www.w3.org/2000/svg';

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Props} props attributes, and listeners by the name of their event
 * @param {Children} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function el(tag, props, ...children) {
  return filled(document.createElement(tag), props, children);
}

/**
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Props} props
 * @param {Children} children
 * @returns {SVGElementTagNameMap[Tag]}
 */
export function svg(tag, props, ...children) {
  return filled(document.createElementNS(SVG, tag), props, children);
}

/**
 * @template {Element} Kind
 * @param {Kind} element
 * @param {Props} props
 * @param {Children} children
 */
function filled(element, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === 'function') {
      element.addEventListener(name, value);
    } else if (value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? '' : visible(String(value)));
    }
  }
  element.append(...nodes(children));
  return element;
}

/**
 * @param {Children} children
 * @returns {Node[]}
 */
export function nodes(children) {
  return children
    .flat()
    .filter((child) => child !== null && child !== undefined && child !== false && child !== '')
    .map((child) => (child instanceof Node ? child : document.createTextNode(visible(String(child)))));
}

/**
 * @param {Element} element
 * @param {Children} children
 */
export function refill(element, ...children) {
  element.replaceChildren(...nodes(children));
}

/**
 * A name that a device gave itself: its direction of reading does not reach beyond it.
 * @param {string} text
 */
export function name(text) {
  return el('bdi', { class: 'name' }, text);
}

/**
 * @param {string} href
 * @param {Children} children
 */
export function link(href, ...children) {
  return el('a', { href }, ...children);
}

/**
 * @param {string} text
 */
export function code(text) {
  return el('code', {}, text);
}

/** What is not known. */
export function unknown() {
  return el('span', { class: 'unknown', title: 'not known' }, '–');
}

/**
 * A list of terms and what they are; those without a value are left out.
 * @param {readonly (readonly [term: string, value: Child | readonly Child[]])[]} entries
 */
export function facts(entries) {
  const known = entries.filter(([, value]) => nodes([value]).length > 0);
  return el(
    'dl',
    { class: 'facts' },
    known.map(([term, value]) => el('div', {}, el('dt', {}, term), el('dd', {}, value))),
  );
}

/** @param {string} text a Wireshark filter, or another text that is worth copying */
export function copyable(text) {
  const content = el('code', { class: 'copyable-text', tabindex: -1 }, text);
  const state = el('span', { class: 'copied', role: 'status' });
  const button = el(
    'button',
    {
      type: 'button',
      class: 'small',
      'aria-label': `Copy the Wireshark filter ${text}`,
      async click() {
        refill(state, (await copied(text, content)) ? 'Copied' : 'Selected: press Ctrl+C');
        setTimeout(() => refill(state), 2500);
      },
    },
    'Copy',
  );
  return el('span', { class: 'copyable' }, content, button, state);
}

/**
 * Where the browser gives no access to the clipboard, the text is selected so that a person can copy it.
 * @param {string} text
 * @param {HTMLElement} content
 */
async function copied(text, content) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    getSelection()?.selectAllChildren(content);
    return false;
  }
}
