import { el, nodes, refill, unknown } from './dom.js';
import { compareText, number, plural } from './text.js';

/** @import { Body, Column, Filter, ListingSpec } from './types.ts' */

/** Rows with search, filters, order and pages. Only one page of rows is ever in the document. */

/** Most columns that a narrow screen shows side by side, and most of them that are not numbers. */
const MOST_NARROW = 4;
const MOST_TEXTS = 2;
/** Most rows that are printed of one table. */
const MOST_PRINTED = 200;

let lastId = 0;

/** @param {string} prefix */
function freshId(prefix) {
  lastId++;
  return `${prefix}-${lastId}`;
}

/** @template Row */
export class Listing {
  /** @param {ListingSpec<Row>} spec */
  constructor(spec) {
    this.spec = spec;
    this.page = 0;
    this.order = spec.sort;
    /** @type {readonly Row[]} */
    this.fitting = spec.rows;
    /** @type {Map<Row, string>} */
    this.haystacks = new Map();
    this.search = spec.words ? searchField(spec.searchHint ?? '', () => this.#changed()) : undefined;
    /** @type {Map<Filter<Row>, HTMLSelectElement>} */
    this.selects = new Map(spec.filters.map((filter) => [filter, filterField(filter, () => this.#changed())]));
    this.sorter = sorterField(spec.columns, (order) => this.#sortBy(order));
    this.status = el('p', { class: 'count', role: 'status' });
    this.clear = el('button', { type: 'button', click: () => this.#clear() }, 'Clear');
    this.body = spec.body ?? tableBody(spec, (key) => this.#toggleSort(key));
    this.empty = el('div', { class: 'empty' });
    this.pager = el('nav', { class: 'pager', 'aria-label': `Pages of ${spec.noun[1]}` });
    const hasTools = spec.rows.length > 0 && (this.search !== undefined || this.selects.size > 0);
    this.element = el(
      'div',
      { class: 'listing' },
      hasTools && this.#toolbar(),
      this.status,
      this.empty,
      this.body.element,
      this.pager,
    );
  }

  /** @param {URLSearchParams} params */
  show(params) {
    if (this.search) {
      this.search.value = params.get('q') ?? '';
    }
    for (const [filter, select] of this.selects) {
      const value = params.get(filter.key) ?? '';
      select.value = filter.options.some(([known]) => known === value) ? value : '';
    }
    const order = params.get('sort') ?? this.spec.sort;
    this.order = this.spec.columns.some(({ key }) => key === order.replace('-', '')) ? order : this.spec.sort;
    this.page = Math.max(0, Number.parseInt(params.get('page') ?? '1', 10) - 1 || 0);
    this.#refresh();
  }

  /** All that fits on one page, for printing. */
  showAll() {
    this.#draw(0, MOST_PRINTED);
    refill(this.pager);
  }

  #toolbar() {
    const { search, selects, sorter } = this;
    return el(
      'div',
      { class: 'toolbar', role: 'search', 'aria-label': `Choose ${this.spec.noun[1]}` },
      search && labelled('Search', search, 'search'),
      [...selects].map(([filter, select]) => labelled(filter.label, select, 'choice')),
      sorter && labelled('Order', sorter, this.spec.body ? 'choice' : 'choice order'),
      this.clear,
    );
  }

  #changed() {
    this.page = 0;
    this.#remember();
    this.#refresh();
  }

  #clear() {
    this.show(new URLSearchParams(this.order === this.spec.sort ? {} : { sort: this.order }));
    this.#remember();
    this.search?.focus();
  }

  /** @param {string} key */
  #toggleSort(key) {
    const column = this.spec.columns.find((one) => one.key === key);
    const first = column?.isLargestFirst ? `-${key}` : key;
    const second = column?.isLargestFirst ? key : `-${key}`;
    this.#sortBy(this.order === first ? second : first);
  }

  /** @param {string} order */
  #sortBy(order) {
    this.order = order;
    this.#changed();
  }

  /** Writes the state into the address, so that going back and a copied link find it again. */
  #remember() {
    const { route } = this.spec;
    if (route === undefined) {
      return;
    }
    const params = new URLSearchParams();
    if (this.search?.value) {
      params.set('q', this.search.value);
    }
    for (const [{ key }, select] of this.selects) {
      if (select.value) {
        params.set(key, select.value);
      }
    }
    if (this.order !== this.spec.sort) {
      params.set('sort', this.order);
    }
    if (this.page > 0) {
      params.set('page', String(this.page + 1));
    }
    const text = params.toString();
    history.replaceState(null, '', `#${route}${text ? `?${text}` : ''}`);
  }

  #refresh() {
    this.fitting = this.#sorted(this.spec.rows.filter((row) => this.#fits(row)));
    this.spec.onFit?.(this.fitting);
    const pages = Math.max(1, Math.ceil(this.fitting.length / this.spec.pageSize));
    this.page = Math.min(this.page, pages - 1);
    this.#draw(this.page * this.spec.pageSize, this.spec.pageSize);
    this.#drawPager(pages);
    this.clear.disabled = this.#isUntouched();
    if (this.sorter) {
      this.sorter.value = this.order;
    }
  }

  #isUntouched() {
    return !this.search?.value && [...this.selects.values()].every((select) => !select.value);
  }

  /**
   * @param {number} from
   * @param {number} most
   */
  #draw(from, most) {
    const { rows, noun, nothing } = this.spec;
    const shown = this.fitting.slice(from, from + most);
    this.body.draw(shown, this.order);
    this.body.element.hidden = shown.length === 0;
    const total = plural(rows.length, noun[0], noun[1]);
    const part = this.fitting.length === rows.length ? total : `${number(this.fitting.length)} of ${total}`;
    const range =
      shown.length < this.fitting.length ? `, ${number(from + 1)} to ${number(from + shown.length)} shown` : '';
    refill(this.status, rows.length === 0 ? '' : part + range);
    this.empty.hidden = shown.length > 0;
    if (rows.length === 0) {
      refill(this.empty, el('p', {}, nothing));
    } else if (shown.length === 0) {
      const again = el('button', { type: 'button', click: () => this.#clear() }, 'Clear search and filters');
      refill(this.empty, el('p', {}, `No ${noun[0]} matches what you search for.`), again);
    }
  }

  /** @param {number} pages */
  #drawPager(pages) {
    this.pager.hidden = pages < 2;
    if (pages < 2) {
      refill(this.pager);
      return;
    }
    /** @type {(text: string, page: number, isOff: boolean) => HTMLElement} */
    const button = (text, page, isOff) =>
      el('button', { type: 'button', 'aria-disabled': isOff, click: () => !isOff && this.#turnTo(page, text) }, text);
    const { page } = this;
    refill(
      this.pager,
      button('First', 0, page === 0),
      button('Previous', page - 1, page === 0),
      el('span', {}, `Page ${number(page + 1)} of ${number(pages)}`),
      button('Next', page + 1, page === pages - 1),
      button('Last', pages - 1, page === pages - 1),
    );
  }

  /**
   * @param {number} page
   * @param {string} text of the button pressed, which keeps the focus
   */
  #turnTo(page, text) {
    this.page = page;
    this.#remember();
    this.#refresh();
    this.element.scrollIntoView({ block: 'start' });
    const pressed = [...this.pager.querySelectorAll('button')].find((one) => one.textContent === text);
    pressed?.focus({ preventScroll: true });
  }

  /** @param {Row} row */
  #fits(row) {
    for (const [filter, select] of this.selects) {
      if (select.value && !filter.fits(row, select.value)) {
        return false;
      }
    }
    const asked = this.search?.value.toLowerCase().split(/\s+/).filter(Boolean) ?? [];
    return asked.every((word) => this.#haystack(row).includes(word));
  }

  /** @param {Row} row */
  #haystack(row) {
    let text = this.haystacks.get(row);
    if (text === undefined) {
      text = this.spec.words?.(row).toLowerCase() ?? '';
      this.haystacks.set(row, text);
    }
    return text;
  }

  /** @param {readonly Row[]} rows */
  #sorted(rows) {
    const isDown = this.order.startsWith('-');
    const order = this.spec.columns.find(({ key }) => key === this.order.replace('-', ''))?.order;
    if (!order) {
      return rows;
    }
    const keyed = rows.map((row) => ({ row, key: order(row) }));
    keyed.sort((a, b) => compareKeys(a.key, b.key, isDown));
    return keyed.map(({ row }) => row);
  }
}

/**
 * What is not known comes last in either direction.
 * @param {string | number | null} a
 * @param {string | number | null} b
 * @param {boolean} isDown
 */
function compareKeys(a, b, isDown) {
  if (a === null || b === null) {
    return Number(a === null) - Number(b === null);
  }
  const compared = typeof a === 'number' && typeof b === 'number' ? a - b : compareText(String(a), String(b));
  return isDown ? -compared : compared;
}

/**
 * @param {string} label
 * @param {HTMLElement} field
 * @param {string} kind
 */
export function labelled(label, field, kind) {
  const id = freshId('field');
  field.id = id;
  return el('div', { class: `field ${kind}` }, el('label', { for: id }, label), field);
}

/**
 * @param {string} hint
 * @param {() => void} changed
 */
function searchField(hint, changed) {
  let timer = 0;
  return el('input', {
    type: 'search',
    placeholder: hint,
    autocomplete: 'off',
    spellcheck: 'false',
    input() {
      clearTimeout(timer);
      timer = setTimeout(changed, 120);
    },
  });
}

/**
 * @template Row
 * @param {Filter<Row>} filter
 * @param {() => void} changed
 */
function filterField({ options }, changed) {
  return selectField([['', 'All'], ...options], changed);
}

/**
 * @param {readonly (readonly [value: string, label: string])[]} options
 * @param {() => void} changed
 */
export function selectField(options, changed) {
  return el(
    'select',
    { change: changed },
    options.map(([value, label]) => {
      const option = el('option', {}, label);
      option.value = value;
      return option;
    }),
  );
}

/**
 * The order as a choice, for narrow screens, where rows are cards and have no heads to press.
 * @template Row
 * @param {readonly Column<Row>[]} columns
 * @param {(order: string) => void} chosen
 */
function sorterField(columns, chosen) {
  const sortable = columns.filter(({ order }) => order !== undefined);
  if (sortable.length === 0) {
    return undefined;
  }
  const select = selectField(
    sortable.flatMap(({ key, title, isNumber, orderNames }) => {
      const [rising, falling] = orderNames ?? (isNumber ? ['smallest first', 'largest first'] : ['A to Z', 'Z to A']);
      return [
        [key, `${title}, ${rising}`],
        [`-${key}`, `${title}, ${falling}`],
      ];
    }),
    () => chosen(select.value),
  );
  return select;
}

/**
 * @template Row
 * @param {ListingSpec<Row>} spec
 * @param {(key: string) => void} sortBy
 * @returns {Body<Row>}
 */
function tableBody({ columns, caption, href }, sortBy) {
  const heads = columns.map((column) => headCell(column, sortBy));
  const body = el('tbody', { role: 'rowgroup' });
  const element = tableBox(caption, heads, body);
  return {
    element,
    draw(rows, sort) {
      for (const [at, { key }] of columns.entries()) {
        const direction = sort === key ? 'ascending' : sort === `-${key}` ? 'descending' : undefined;
        if (direction) {
          heads[at]?.setAttribute('aria-sort', direction);
        } else {
          heads[at]?.removeAttribute('aria-sort');
        }
      }
      refill(
        body,
        rows.map((row) => tableRow(columns, row, href?.(row))),
      );
    },
  };
}

/**
 * A table without search and pages, for lists that are short by nature.
 * @template Row
 * @param {string} caption
 * @param {readonly Column<Row>[]} columns
 * @param {readonly Row[]} rows
 */
export function plainTable(caption, columns, rows) {
  const heads = columns.map((column) => headCell({ ...column, order: undefined }, () => {}));
  const body = el(
    'tbody',
    { role: 'rowgroup' },
    rows.map((row) => tableRow(columns, row, undefined)),
  );
  return tableBox(caption, heads, body);
}

/**
 * @param {string} caption
 * @param {readonly HTMLElement[]} heads
 * @param {HTMLElement} body
 */
function tableBox(caption, heads, body) {
  // On a narrow screen each row of a wide table becomes a card; a narrow table stays one.
  const texts = heads.filter(({ className }) => className !== 'number').length;
  const kind = texts > MOST_TEXTS || heads.length > MOST_NARROW ? 'table-box cards' : 'table-box';
  const head = el('thead', { role: 'rowgroup' }, el('tr', { role: 'row' }, heads));
  const id = freshId('caption');
  const table = el('table', { role: 'table' }, el('caption', { id }, caption), head, body);
  return el('div', { class: kind, role: 'region', 'aria-labelledby': id, tabindex: 0 }, table);
}

/**
 * @template Row
 * @param {Omit<Column<Row>, 'order'> & { readonly order?: unknown }} column
 * @param {(key: string) => void} sortBy
 */
function headCell({ key, title, order, isNumber }, sortBy) {
  const content = order
    ? el('button', { type: 'button', class: 'sort', click: () => sortBy(key) }, title, el('span', { class: 'arrow' }))
    : title;
  return el('th', { role: 'columnheader', scope: 'col', class: isNumber ? 'number' : undefined }, content);
}

/**
 * @template Row
 * @param {readonly Column<Row>[]} columns
 * @param {Row} row
 * @param {string | undefined} href
 */
function tableRow(columns, row, href) {
  const cells = columns.map(({ title, cell, isNumber, isName }) => {
    const content = nodes([cell(row)]);
    const kinds = [isNumber && 'number', content.length === 0 && 'blank'].filter(Boolean).join(' ');
    const props = { class: kinds || undefined, 'data-label': title };
    return isName
      ? el('th', { ...props, role: 'rowheader', scope: 'row' }, content)
      : el('td', { ...props, role: 'cell' }, content.length === 0 ? unknown() : content);
  });
  const element = el('tr', { role: 'row', class: href ? 'opens' : undefined }, cells);
  if (href) {
    // For the mouse only: the row's link does the same for everybody else.
    element.addEventListener('click', ({ target }) => {
      const isOwn = target instanceof Element && target.closest('a, button') !== null;
      if (!isOwn && getSelection()?.isCollapsed !== false) {
        location.hash = href;
      }
    });
  }
  return element;
}
