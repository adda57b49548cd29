'use strict';
(() => {
  const tip = document.createElement('div');
  tip.id = 'tip';
  tip.setAttribute('role', 'status');
  document.body.append(tip);

  /* Takes the title out, so that the browser does not show it as well. */
  const takeTitle = (element) => {
    const title = element.querySelector(':scope > title');
    const text = title.textContent;
    title.remove();
    return text;
  };

  const clamp = (value, least, most) => Math.max(least, Math.min(most, value));

  /* Over what is pointed at, or beside it where that is a place of lines that go on above. */
  const showTip = (text, x, y, beside) => {
    tip.textContent = text;
    const box = tip.getBoundingClientRect();
    const room = document.documentElement.clientWidth - box.width - 6;
    const above = y - box.height - 14;
    const left = !beside ? x - box.width / 2 : x + 16 < room ? x + 16 : x - box.width - 16;
    tip.style.left = clamp(left, 6, Math.max(6, room)) + 'px';
    tip.style.top = (above > 4 ? above : y + 20) + 'px';
  };

  const readable = (svg) => {
    const marks = [...svg.querySelectorAll('.mark')];
    const texts = new Map(marks.map((mark) => [mark, takeTitle(mark)]));
    const edges = [...svg.querySelectorAll('.edge')];
    const nodes = new Map(marks.map((mark) => [mark.dataset.node, mark]));
    const across = Number(svg.dataset.columns || 1);
    let current = null;
    svg.setAttribute('aria-label', takeTitle(svg));
    svg.setAttribute('role', 'application');
    svg.setAttribute('aria-roledescription', 'chart');

    const hide = () => {
      if (current === null) {
        return;
      }
      svg.querySelectorAll('.on, .near').forEach((each) => each.classList.remove('on', 'in', 'near'));
      svg.classList.remove('reading');
      tip.textContent = '';
      current = null;
    };

    const show = (mark, x, y) => {
      if (mark !== current) {
        hide();
        current = mark;
        mark.classList.add('on');
        svg.classList.add('reading');
        for (const edge of edges) {
          const into = edge.dataset.to === mark.dataset.node;
          if (into || edge.dataset.from === mark.dataset.node) {
            edge.classList.add('on');
            edge.classList.toggle('in', into);
            nodes.get(into ? edge.dataset.from : edge.dataset.to).classList.add('near');
          }
        }
      }
      showTip(texts.get(mark), x, y, svg.classList.contains('frame'));
    };

    const showByKey = (index) => {
      const mark = marks[clamp(index, 0, marks.length - 1)];
      mark.scrollIntoView({ block: 'nearest', inline: 'nearest' });
      const box = mark.getBoundingClientRect();
      show(mark, box.left + box.width / 2, box.top + Math.min(20, box.height / 2));
    };

    const point = (event) => {
      const mark = event.target.closest('.mark');
      if (mark) {
        show(mark, event.clientX, event.clientY);
      } else {
        hide();
      }
    };
    svg.addEventListener('pointermove', point);
    svg.addEventListener('pointerdown', point);
    /* A finger leaves when it is lifted; what it pointed at stays until it points elsewhere. */
    svg.addEventListener('pointerleave', (event) => event.pointerType === 'touch' || hide());
    document.addEventListener('pointerdown', (event) => svg.contains(event.target) || hide());
    svg.addEventListener('blur', hide);
    svg.addEventListener('keydown', (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey) {
        return;
      }
      const at = marks.indexOf(current);
      const next = {
        ArrowRight: at + 1,
        ArrowLeft: at - 1,
        ArrowDown: at === -1 ? 0 : at + across,
        ArrowUp: at - across,
        Home: 0,
        End: marks.length - 1,
      }[event.key];
      if (event.key === 'Escape') {
        hide();
      } else if (next !== undefined && marks.length !== 0) {
        event.preventDefault();
        showByKey(next);
      }
    });
  };

  document.querySelectorAll('svg.chart').forEach(readable);
})();
