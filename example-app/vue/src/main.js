// Mounts the island on what the server rendered, with the data that the server put there.
import './main.css'
import { createApp } from 'vue'
import PlantList from './PlantList.vue'

const place = document.querySelector('#watering')
createApp(PlantList, { plants: JSON.parse(place.dataset.plants) }).mount(place)
