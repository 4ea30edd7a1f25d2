// A React component on a server-rendered page. Edit it while the count is not zero: the count stays.
import { useState } from 'react'
import sprout from './images/sprout.svg'
import styles from './island.module.scss'

export function Island() {
  const [count, setCount] = useState(0)
  return (
    <div className={styles.island}>
      <img src={sprout} alt="" width="48" height="48" />
      <p>
        Watered <output>{count}</output> {count === 1 ? 'time' : 'times'}.
      </p>
      <button type="button" onClick={() => setCount(count + 1)}>
        Water it
      </button>
    </div>
  )
}
