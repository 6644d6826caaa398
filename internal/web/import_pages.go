package web

// ImportDesk takes files of cases in; package node implements it.
type ImportDesk interface{}

func (s *Server) importRoutes() {}
